// Makes r4-profiles.ndjson, r4-terminology.ndjson and uk-core.ndjson: published definitions without their prose.
// How to run it: see README.md.

import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { xmlReader } from "./fhir-xml.mjs";

const VERSION = "4.0.1";
const OWN_FOLDER = dirname(fileURLToPath(import.meta.url));
const MAX_VALUE_SET = "http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet";

const [packageFolder, ukCoreFolder] = process.argv.slice(2);
if (!ukCoreFolder) {
  console.error("usage: node build-resources.mjs R4-FOLDER UK-CORE-FOLDER");
  process.exit(2);
}

const publishersOwn = (entry) => /medplum/i.test(`${entry.name} ${entry.url}`);
const ofAnotherFhir = (entry) => entry.url.startsWith("http://hl7.org/fhir/") && entry.version !== VERSION;
const load = (file) =>
  JSON.parse(readFileSync(join(packageFolder, file), "utf8"))
    .entry.map((entry) => entry.resource)
    .filter((entry) => !publishersOwn(entry) && !ofAnotherFhir(entry));

// ---- what is kept ---------------------------------------------------------------------------------------------------

// Our own sentences for invariants, by key, or by `key@definition` where several share one; HL7's are prose.
const words = new Map(
  readFileSync(join(OWN_FOLDER, "invariant-words.txt"), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split("\t")),
);

const all = (value) => value;
const withoutEmpty = (value) => value === undefined || (Array.isArray(value) && value.length === 0);

/** Keeps the members a shape names, in its order; a shape's value is `all`, a shape, or a function. */
const keep = (shape) => (value) => {
  if (Array.isArray(value)) return value.map(keep(shape));
  const out = {};
  for (const [name, inner] of Object.entries(shape)) {
    if (value[name] === undefined) continue;
    const kept = (typeof inner === "function" ? inner : keep(inner))(value[name]);
    if (!withoutEmpty(kept)) out[name] = kept;
  }
  return out;
};

function element(value) {
  if (Array.isArray(value)) return value.map(element);
  const out = keep({
    id: all,
    path: all,
    sliceName: all,
    sliceIsConstraining: all,
    slicing: { discriminator: { type: all, path: all }, ordered: all, rules: all },
    min: all,
    max: all,
    contentReference: all,
    type: { code: all, profile: all, targetProfile: all, aggregation: all, versioning: all },
    maxLength: all,
    constraint: (list) => list.filter((one) => one.expression).map(invariant),
    isModifier: all,
    binding: (one) => ({
      strength: one.strength,
      valueSet: one.valueSet,
      extension: one.extension?.filter((extension) => extension.url === MAX_VALUE_SET),
    }),
  })(value);
  for (const name of Object.keys(value)) if (/^(fixed|pattern|minValue|maxValue)[A-Z]/.test(name)) out[name] = value[name];
  return out;
}

const invariant = ({ key, severity, expression }) => ({ key, severity, human: undefined, expression });

/** Gives each invariant of a definition our own sentence. */
function worded(definition) {
  for (const one of (definition.differential?.element ?? []).flatMap((element) => element.constraint ?? [])) {
    const name = definition.url.slice(definition.url.lastIndexOf("/") + 1);
    one.human = words.get(`${one.key}@${name}`) ?? words.get(one.key);
    if (!one.human) throw new Error(`invariant-words.txt has no sentence for ${one.key} of ${definition.url}`);
  }
  return definition;
}

/**
 * `vitalsigns` requires units of vital signs of every component's value, coded ones too: judged as extensible.
 * Some extensions stand in R4's own definitions where their contexts do not allow them.
 */
const FURTHER_CONTEXTS = new Map([
  ["structuredefinition-fhir-type", "ElementDefinition.type"],
  ["regex", "ElementDefinition.type"],
  ["structuredefinition-normative-version", "ElementDefinition"],
]);

function corrected(definition) {
  if (definition.url === "http://hl7.org/fhir/StructureDefinition/vitalsigns") {
    const component = definition.differential.element.find((element) => element.id === "Observation.component.value[x]");
    component.binding.strength = "extensible";
  }
  const expression = FURTHER_CONTEXTS.get(definition.url.replace("http://hl7.org/fhir/StructureDefinition/", ""));
  if (expression) definition.context.push({ type: "element", expression });
  return definition;
}

const canonical = { url: all, version: all, resourceType: all, name: all, status: all };

const structureDefinition = keep({
  ...canonical,
  kind: all,
  abstract: all,
  type: all,
  baseDefinition: all,
  derivation: all,
  context: keep({ type: all, expression: all }),
  contextInvariant: all,
  differential: { element },
});

// Numbers that systems keep for themselves, and dates, decide nothing.
const DECIDING = (property) => !/^(internalId|HL7|openIssue|synonymCode|deprecationDate)/.test(property.code);
// Version 2's tables are translated whole into Dutch and German, which would be a tenth of everything kept.
const translations = (designations) =>
  designations.filter(({ language }) => !/^(nl|de)$/.test(language)).map(keep({ language: all, value: all }));
const concepts = (list) =>
  list.map(
    keep({
      code: all,
      display: all,
      designation: translations,
      property: (properties) => properties.filter(DECIDING),
      concept: concepts,
    }),
  );

const codeSystem = keep({
  ...canonical,
  content: all,
  caseSensitive: all,
  hierarchyMeaning: all,
  valueSet: all,
  supplements: all,
  property: (properties) => properties.filter(DECIDING).map(keep({ code: all, uri: all, type: all })),
  concept: concepts,
});

// The two longest lists (documents' LOINC codes, breeds of animals) are offered, not required; their words are half a megabyte.
const MOST_WITH_DISPLAYS = 1000;
const coded = { code: all, display: all };
const composed = {
  system: all,
  version: all,
  concept: (list) => list.map(keep(list.length > MOST_WITH_DISPLAYS ? { code: all } : coded)),
  filter: { property: all, op: all, value: all },
  valueSet: all,
};
const expanded = (list) =>
  list.map(keep({ system: all, abstract: all, inactive: all, ...coded, contains: expanded }));

const valueSet = keep({
  ...canonical,
  contained: (list) => list.filter(({ resourceType }) => resourceType === "CodeSystem").map(codeSystem),
  compose: { lockedDate: all, inactive: all, include: composed, exclude: composed },
  expansion: { total: all, contains: expanded },
});

const strip = { StructureDefinition: structureDefinition, CodeSystem: codeSystem, ValueSet: valueSet };

// ---- what is read ---------------------------------------------------------------------------------------------------

const types = ["profiles-types.json", "profiles-resources.json"]
  .flatMap(load)
  .filter(({ resourceType }) => resourceType === "StructureDefinition");
const readXml = xmlReader(types);
const folder = (name) =>
  readdirSync(join(ukCoreFolder, name))
    .filter((file) => file.endsWith(".xml"))
    .map((file) => readXml(readFileSync(join(ukCoreFolder, name, file), "utf8")));

const FILES = {
  "r4-profiles.ndjson": ["profiles-others.json", "extension-definitions.json"].flatMap(load),
  "r4-terminology.ndjson": ["valuesets.json", "v3-codesystems.json", "v2-tables.json"].flatMap(load),
  "uk-core.ndjson": ["structuredefinitions", "valuesets", "codesystems"].flatMap(folder),
};

for (const [file, resources] of Object.entries(FILES)) {
  const lines = new Map();
  for (const resource of resources) {
    const stripped = strip[resource.resourceType]({ ...resource, version: resource.version ?? "" });
    lines.set(`${resource.resourceType} ${resource.url} ${resource.version}`, JSON.stringify(corrected(worded(stripped))));
  }
  const text = [...lines].sort().map(([, line]) => `${line}\n`).join("");
  writeFileSync(join(OWN_FOLDER, file), text);
  console.log(`${file}: ${lines.size} of ${resources.length} resources, ${text.length} characters`);
}
