// Reads FHIR XML into FHIR's JSON form, led by the snapshots of the types. For the builders only: they read published
// definitions, which are well formed; what Ginnel itself reads comes from strangers and goes through src/xml.rs.

/** A reader of resources for the given StructureDefinitions (with snapshots). */
export function xmlReader(structureDefinitions) {
  const types = new Map();
  for (const definition of structureDefinitions) {
    if (definition.derivation === "constraint") continue;
    for (const element of definition.snapshot.element) types.set(element.path, element);
  }
  return (text) => resource(parse(text), types);
}

const NAMED = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };
const unescape = (text) =>
  text.replace(/&(#x?)?([0-9a-zA-Z]+);/g, (_, number, name) => {
    if (!number) return NAMED[name];
    return String.fromCodePoint(parseInt(name, number === "#x" ? 16 : 10));
  });

/** Elements as {name, attributes, children}; text between elements is left out, as FHIR has none outside narratives. */
function parse(text) {
  const top = { children: [] };
  const open = [top];
  const token = /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<(\/?)([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>/g;
  for (const [, closes, name, rest, empty] of text.matchAll(token)) {
    if (!name) continue;
    if (closes) {
      open.pop();
      continue;
    }
    const element = { name, attributes: {}, children: [] };
    for (const [, key, double, single] of rest.matchAll(/([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
      element.attributes[key] = unescape(double ?? single);
    }
    open.at(-1).children.push(element);
    if (!empty) open.push(element);
  }
  if (open.length !== 1 || top.children.length !== 1) throw new Error("elements do not close");
  return top.children[0];
}

function resource(element, types) {
  return { resourceType: element.name, ...members(element, element.name, types) };
}

function members(element, path, types) {
  const out = {};
  for (const key of ["id", "url"]) if (element.attributes[key] !== undefined) out[key] = element.attributes[key];
  for (const child of element.children) {
    if (child.attributes.xmlns === "http://www.w3.org/1999/xhtml") continue;
    const { known, type } = member(path, child.name, types);
    const repeats = known.max !== "1";
    const [value, beside] = read(child, known, type, types);
    if (repeats) out[child.name] = [...(out[child.name] ?? []), value ?? null];
    else if (value !== undefined) out[child.name] = value;
    if (beside && !repeats) out[`_${child.name}`] = beside;
  }
  return out;
}

/** The element of a member's name, and its type where the name says it (`valueCode`). */
function member(path, name, types) {
  for (let at = path; at; at = parent(at, types)) {
    const known = types.get(`${at}.${name}`);
    if (known) return { known, type: known.type?.[0].code };
    for (let end = name.length - 1; end > 0; end--) {
      const choice = types.get(`${at}.${name.slice(0, end)}[x]`);
      const type = choice?.type.find(({ code }) => code[0].toUpperCase() + code.slice(1) === name.slice(end));
      if (type) return { known: choice, type: type.code };
    }
  }
  throw new Error(`${path} has no ${name}`);
}

/** Where else the members of a path may be defined: its type, or the path it refers to. */
function parent(path, types) {
  const element = types.get(path);
  if (!element) return undefined;
  if (element.contentReference) return element.contentReference.slice(1);
  const type = element.type?.[0].code;
  return type === path ? undefined : type;
}

function read(element, known, type, types) {
  if (type === "Resource") return [resource(element.children[0], types)];
  if (!known.contentReference && types.get(type)?.path === type && /^[a-z]/.test(type)) {
    const text = element.attributes.value;
    const beside = element.children.length ? members(element, "Element", types) : undefined;
    if (text === undefined) return [undefined, beside];
    if (type === "boolean") return [text === "true", beside];
    return [/^(integer|decimal|positiveInt|unsignedInt)$/.test(type) ? Number(text) : text, beside];
  }
  if (type?.startsWith("http://hl7.org/fhirpath/")) return [element.attributes.value];
  const own = types.has(`${known.path}.id`) || known.contentReference ? known.path : type;
  return [members(element, own, types)];
}
