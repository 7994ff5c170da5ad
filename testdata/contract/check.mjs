// Judges a report of proxy.mjs: no request may violate GitHub's description, and no response but for
// what allowed.json lists with its reason. A reason that nothing needs any more is an error too.
//
//   node check.mjs REPORT_FILE ALLOWED_FILE
import { readFileSync } from 'node:fs';

const [report, allowed] = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')));
const rules = allowed.map((rule) => ({ ...rule, used: 0 }));

const fits = (rule, violation) =>
  (rule.status === undefined || rule.status === violation.status) &&
  (rule.operation === undefined || new RegExp(rule.operation).test(violation.operation)) &&
  (rule.where === undefined || new RegExp(rule.where).test(violation.where)) &&
  new RegExp(rule.message).test(violation.message);

const wrong = [];
for (const violation of report.violations) {
  const rule = violation.side === 'response' ? rules.find((it) => fits(it, violation)) : undefined;
  if (rule) rule.used += violation.count;
  else wrong.push(violation);
}
for (const { operation, side, status, where, message, count, example } of wrong) {
  console.log(`${side} ${operation} ${status} ${where}: ${message} (${count} times)`);
  console.log(`  ${example.path}\n  sent ${example.sent}\n  got  ${example.got}`);
}
const unused = rules.filter((rule) => rule.used === 0);
for (const rule of unused) console.log(`allowed.json: nothing needs this any more: ${JSON.stringify(rule)}`);

const operations = Object.keys(report.seen).length;
console.log(
  `contract: ${report.exchanges} exchanges over ${operations} operations, ${wrong.length} kinds of violation, ` +
    `${rules.length - unused.length} listed reasons`,
);
if (operations < allowed.length || wrong.length > 0 || unused.length > 0) process.exit(1);
