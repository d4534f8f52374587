// Makes r4-types.txt and r4-invariants.txt from HL7's R4 definitions. How to run it: see README.md.
//
// The package carries HL7's definitions with changes by its publisher in some of them. HL7's own list of data elements
// in the same package is untouched: it is the witness here of what R4 4.0.1 has.

import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const VERSION = "4.0.1";
const BASE = "http://hl7.org/fhir/StructureDefinition/";
const VALUE_SET = "http://hl7.org/fhir/ValueSet/";
const MAX_VALUE_SET = BASE + "elementdefinition-maxValueSet";
const FHIR_TYPE = BASE + "structuredefinition-fhir-type";
const OWN_FOLDER = dirname(fileURLToPath(import.meta.url));

const packageFolder = process.argv[2];
if (!packageFolder) {
  console.error("usage: node build.mjs FOLDER   (the folder dist/fhir/r4 of the package)");
  process.exit(2);
}

const publishersOwn = (entry) => /medplum/i.test(`${entry.name} ${entry.url}`);
const load = (file) =>
  JSON.parse(readFileSync(join(packageFolder, file), "utf8"))
    .entry.map((entry) => entry.resource)
    .filter((resource) => !publishersOwn(resource));

const definitions = ["profiles-types.json", "profiles-resources.json"]
  .flatMap(load)
  .filter((entry) => entry.resourceType === "StructureDefinition" && entry.version === VERSION && entry.kind !== "logical");

// ---- the witness: HL7's data elements -------------------------------------------------------------------------------

const witness = new Map();
for (const entry of load("dataelements.json").filter((entry) => entry.version === VERSION)) {
  const element = entry.snapshot.element[0];
  // SimpleQuantity and MoneyQuantity have data elements under the paths of Quantity; the first is Quantity's own.
  if (!witness.has(element.path)) witness.set(element.path, element);
}
// The list holds the members of a group of elements, and not the group itself.
const groups = new Set();
for (const path of witness.keys()) {
  for (let end = path.lastIndexOf("."); end > 0; end = path.lastIndexOf(".", end - 1)) groups.add(path.slice(0, end));
}
// FHIR ids end at 64 characters, so HL7's list leaves out elements with longer paths.
const beyondWitness = (path) => `de-${path}`.length > 64;
const isBackbone = (element) =>
  (element.type ?? []).some((type) => type.code === "BackboneElement" || type.code === "Element");
const inR4 = (element) => {
  const path = element.base?.path ?? element.path;
  if (witness.has(path) || beyondWitness(path)) return true;
  if (element.contentReference) return true;
  return isBackbone(element) && (groups.has(path) || beyondWitness(`${path}.extension`));
};

const corrections = [];

function elementsOf(definition) {
  const root = definition.snapshot.element[0].path;
  const dropped = [];
  const out = [];
  for (const element of definition.snapshot.element.slice(1)) {
    const underDropped = dropped.some((path) => element.path.startsWith(`${path}.`));
    if (underDropped || !inR4(element)) {
      if (!underDropped) corrections.push(`- ${element.path}`);
      dropped.push(element.path);
      continue;
    }
    const isOwn = definition.derivation !== "constraint" && element.base?.path === element.path;
    const told = isOwn ? witness.get(element.path) : undefined;
    if (told && facts(told) !== facts(element)) {
      corrections.push(`~ ${element.path}: ${facts(element)} -> ${facts(told)}`);
      out.push({ ...told, base: element.base });
    } else {
      out.push(element);
    }
  }
  const present = new Set(out.map((element) => element.path));
  for (const [path, element] of witness) {
    if (!path.startsWith(`${root}.`) || present.has(path) || definition.derivation === "constraint") continue;
    const parent = path.slice(0, path.lastIndexOf("."));
    const at = out.findLastIndex((one) => one.path === parent || one.path.startsWith(`${parent}.`));
    out.splice(at + 1, 0, element);
    corrections.push(`+ ${path}`);
  }
  return out;
}

// ---- shapes ---------------------------------------------------------------------------------------------------------

function typeName(type, path) {
  // The snapshot calls Resource.id a string; the specification's text and its JSON Schema say id.
  if (/^(Resource|DomainResource)\.id$/.test(path)) return "=id";
  if (type.code.startsWith("http://hl7.org/fhirpath/")) {
    const named = type.extension?.find((one) => one.url === FHIR_TYPE);
    return `=${named?.valueUrl ?? named?.valueUri ?? "string"}`;
  }
  const profile = type.profile?.[0];
  const quantity = profile && /^(SimpleQuantity|MoneyQuantity)$/.exec(profile.slice(BASE.length));
  return quantity ? quantity[1] : type.code;
}

function shape(element) {
  const types = element.contentReference
    ? element.contentReference
    : [...new Set(element.type.map((type) => typeName(type, element.base?.path ?? element.path)))].join("|");
  return `${element.min}..${element.max} ${types}`;
}

const plain = (canonical) => canonical.split("|")[0];
const shortName = (canonical) => (canonical.startsWith(VALUE_SET) ? canonical.slice(VALUE_SET.length) : canonical);

function bindingWords(element) {
  const { strength, valueSet, extension } = element.binding ?? {};
  const words = [];
  const isUsual = strength === "required" && valueSet?.startsWith(VALUE_SET) && valueSet.endsWith(`|${VERSION}`);
  if (valueSet) words.push(isUsual ? `@${plain(shortName(valueSet))}` : `%${strength}=${shortName(valueSet)}`);
  const most = extension?.find((one) => one.url === MAX_VALUE_SET);
  if (most) words.push(`%max=${shortName(most.valueCanonical ?? most.valueUri)}`);
  return words;
}

const resourceNames = new Set(definitions.map((definition) => definition.name));

function targetWords(element) {
  const targets = (element.type ?? []).flatMap((type) => type.targetProfile ?? []).map((url) => url.slice(BASE.length));
  const names = [...new Set(targets)].filter((name) => resourceNames.has(name));
  return names.length && !names.includes("Resource") ? [`>${names.join(",")}`] : [];
}

// Speaks of elements that R4 does not have: the publisher's.
const NOT_OF_R4 = new Set(["evv-1"]);

/** The invariants that an element or type states itself: those of Element and Extension come with its type. */
const invariantWords = (element) =>
  (element.constraint ?? [])
    .filter((one) => one.expression && !NOT_OF_R4.has(one.key))
    .filter((one) => one.key !== "ele-1" || element.path === "Element")
    .filter((one) => one.key !== "ext-1" || element.path === "Extension")
    .map((one) => `!${invariantName(one, element.path)}`);

const invariants = new Map();

/** R4's own words of an invariant ask for more than its expression does, where later versions mended the expression. */
const MENDED = new Map([["que-12", ["enableWhen.count() > 2", "enableWhen.count() > 1"]]]);

/** The key of an invariant; where several share one, with the type that states it. */
function invariantName({ key, severity, expression }, path) {
  const mended = expression.replace(...(MENDED.get(key) ?? ["", ""]));
  const fact = `${severity}\t${mended.replace(/\s+/g, " ").trim()}`;
  for (const name of [key, `${key}@${path.split(".")[0]}`]) {
    if (!invariants.has(name)) invariants.set(name, fact);
    if (invariants.get(name) === fact) return name;
  }
  throw new Error(`${path} has two invariants ${key}`);
}

/** All that is written of an element. */
const facts = (element) =>
  [shape(element), ...bindingWords(element), ...targetWords(element), ...invariantWords(element)].join(" ");

// ---- writing --------------------------------------------------------------------------------------------------------

const byPath = new Map();
const elements = new Map();
for (const definition of definitions) {
  const list = elementsOf(definition);
  elements.set(definition, list);
  if (definition.derivation === "constraint") continue;
  for (const element of list) byPath.set(element.path, element);
}

const typeLines = [];
const word = (definition) => {
  const kind = { "primitive-type": "primitive", "complex-type": "type", resource: "resource" }[definition.kind];
  return definition.abstract ? `abstract ${kind}` : kind;
};
const rank = ["primitive-type", "complex-type", "resource"];
for (const definition of [...definitions].sort((left, right) => rank.indexOf(left.kind) - rank.indexOf(right.kind))) {
  const base = definition.baseDefinition ? ` : ${definition.baseDefinition.slice(BASE.length)}` : "";
  // A constraint on Quantity is a type of its own here; in the name of a choice it is written as Quantity.
  const written = definition.derivation === "constraint" ? ` as ${definition.type}` : "";
  const own = invariantWords(definition.differential.element[0]).map((name) => ` ${name}`);
  typeLines.push(`${word(definition)} ${definition.name}${base}${written}${own.join("")}`);
  if (definition.kind === "primitive-type") continue;
  for (const element of elements.get(definition)) {
    const inherited = definition.derivation === "constraint" ? byPath.get(element.path) : byPath.get(element.base?.path);
    const isOwn = definition.derivation !== "constraint" && (!element.base || element.base.path === element.path);
    if (!isOwn && inherited && facts(inherited) === facts(element)) continue;
    const steps = element.path.split(".");
    typeLines.push(`${" ".repeat(steps.length - 1)}${steps.at(-1)} ${facts(element)}`);
  }
}

writeFileSync(join(OWN_FOLDER, "r4-types.txt"), typeLines.join("\n") + "\n");
const invariantLines = [...invariants].sort().map(([name, fact]) => `${name}\t${fact}\n`);
writeFileSync(join(OWN_FOLDER, "r4-invariants.txt"), invariantLines.join(""));
const worded = readFileSync(join(OWN_FOLDER, "invariant-words.txt"), "utf8");
const unworded = [...invariants.keys()].filter((name) => !`\n${worded}`.includes(`\n${name}\t`));
if (unworded.length) throw new Error(`invariant-words.txt has no sentence for ${unworded.join(" ")}`);
console.log(`${definitions.length} types, ${typeLines.length - definitions.length} elements, ${invariants.size} invariants`);
console.log("put right after HL7's data elements:");
for (const line of [...new Set(corrections)]) console.log(`  ${line}`);
