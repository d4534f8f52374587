// Makes r4-search-parameters.txt: the search parameters of R4, a line each. How to run it: see README.md.

import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const VERSION = "4.0.1";
const PREFIX = "http://hl7.org/fhir/SearchParameter/";

const [packageFolder] = process.argv.slice(2);
if (!packageFolder) {
  console.error("usage: node build-search-parameters.mjs R4-FOLDER");
  process.exit(2);
}

const bundle = JSON.parse(readFileSync(join(packageFolder, "search-parameters.json"), "utf8"));
const lines = bundle.entry
  .map((entry) => entry.resource)
  .filter((one) => one.url.startsWith(PREFIX) && one.version === VERSION && !/medplum/i.test(one.name))
  .map((one) => {
    const fields = [one.url.slice(PREFIX.length), one.code, one.type, one.base.join(","), one.expression ?? ""];
    if (fields.some((field) => /[\t\n]/.test(field))) throw new Error(`a tab or line end in ${one.url}`);
    return fields.join("\t");
  })
  .sort();

const file = join(dirname(fileURLToPath(import.meta.url)), "r4-search-parameters.txt");
writeFileSync(file, lines.join("\n") + "\n");
console.log(`${lines.length} search parameters`);
