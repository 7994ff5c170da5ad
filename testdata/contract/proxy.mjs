// Holds real traffic against GitHub's own description of its REST API.
//
// A request to `/PORT/path` is passed on, byte for byte, to `http://127.0.0.1:PORT/path`; the exchange
// is then shown to Prism (@stoplight/prism-cli) with every operation of @octokit/openapi, and what
// does not fit is counted. So one validator serves any number of simulated GitHubs, and nothing that
// it thinks reaches either side. GraphQL is no part of that description: it passes unseen, and its
// documents are validated against the published schema elsewhere.
//
//   node proxy.mjs MODULES PORT_FILE REPORT_FILE
//
// Writes its port once it listens. On SIGTERM it writes the report: how often each operation was
// seen, and each kind of violation with one example.
import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';

const [modules, portFile, reportFile] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const { createInstance, getHttpOperationsFromSpec } = require('@stoplight/prism-http');

const description = JSON.parse(
  readFileSync(require.resolve('@octokit/openapi/generated/api.github.com.json'), 'utf8'),
);
const operations = await getHttpOperationsFromSpec(description);

const right = (value) => async () => ({ _tag: 'Right', right: value });
const silent = new Proxy({}, { get: (_, name) => (name === 'child' ? () => silent : () => undefined) });
const answers = new WeakMap();
const prism = createInstance(
  {
    isProxy: true,
    upstream: new URL('http://127.0.0.1/'),
    validateRequest: true,
    validateResponse: true,
    checkSecurity: false,
    errors: false,
  },
  { logger: silent, forward: ({ data }) => () => right(answers.get(data)) },
);

const seen = new Map();
const violations = new Map();

const read = async (stream) => {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const send = (port, request, path, body) =>
  new Promise((resolve, reject) => {
    const sent = http.request(
      { host: '127.0.0.1', port, path, method: request.method, headers: request.headers },
      (answer) => read(answer).then((bytes) => resolve({ answer, bytes }), reject),
    );
    sent.on('error', reject);
    sent.end(body);
  });

const parsed = (headers, bytes) => {
  if (bytes.length === 0) return undefined;
  const text = bytes.toString('utf8');
  if (!/\bjson\b/.test(headers['content-type'] ?? '')) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

const query = (params) =>
  Object.fromEntries([...new Set(params.keys())].map((key) => {
    const values = params.getAll(key);
    return [key, values.length === 1 ? values[0] : values];
  }));

const note = (operation, side, status, violation, example) => {
  const where = (violation.path ?? []).map((part) => (/^\d+$/.test(part) ? '*' : part)).join('.');
  const key = [operation, side, status, where, violation.message].join(' | ');
  const known = violations.get(key);
  if (known) known.count += 1;
  else violations.set(key, { operation, side, status, where, message: violation.message, count: 1, example });
};

const check = async (method, url, headers, sentBody, answer, bytes) => {
  const { operation, path } = route(method.toLowerCase(), url.pathname);
  const input = {
    method: method.toLowerCase(),
    url: { path, query: query(url.searchParams) },
    headers,
    body: parsed(headers, sentBody),
  };
  answers.set(input, {
    statusCode: answer.statusCode,
    headers: answer.headers,
    body: parsed(answer.headers, bytes),
  });
  const result = await prism.request(input, operations)();
  const head = (text) => text.toString('utf8').slice(0, 400);
  const example = { path: url.pathname + url.search, sent: head(sentBody), got: head(bytes) };
  seen.set(operation, (seen.get(operation) ?? 0) + 1);
  if (result._tag === 'Left') {
    note(operation, 'request', answer.statusCode, { message: String(result.left.message) }, example);
    return;
  }
  for (const side of ['input', 'output']) {
    for (const violation of result.right.validations[side]) {
      note(operation, side === 'input' ? 'request' : 'response', answer.statusCode, violation, example);
    }
  }
};

// Every operation's template, the most literal first. GitHub marks the parameters that may span
// segments (a file's path, a branch's name); Prism does not know that, so it is shown one segment.
const spans = (method, path) => {
  const named = (it) => (it.$ref ? description.components.parameters[it.$ref.split('/').pop()] : it);
  const all = description.paths[path][method].parameters ?? [];
  return new Set(all.map(named).filter((it) => it['x-multi-segment']).map((it) => it.name));
};
const literal = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const templates = Object.entries(description.paths)
  .flatMap(([path, methods]) => Object.keys(methods).map((method) => ({ method, path })))
  .map(({ method, path }) => {
    const wide = spans(method, path);
    const parts = path.split(/(\{[^}]*\})/).map((part) => {
      if (!part.startsWith('{')) return `(${literal(part)})`;
      return wide.has(part.slice(1, -1)) ? '(.+)' : '([^/]+)';
    });
    return { method, path, variables: (path.match(/\{/g) ?? []).length, pattern: new RegExp(`^${parts.join('')}$`) };
  })
  .sort((a, b) => a.variables - b.variables);

const route = (method, given) => {
  // Where GitHub redirects to when a repository has moved; the description knows it by name only.
  const path = given.replace(/^\/repositories\/\d+(?=\/|$)/, '/repos/moved/moved');
  for (const template of templates) {
    const match = template.method === method && template.pattern.exec(path);
    if (match) {
      const parts = match.slice(1).map((part, at) => (at % 2 ? part.replaceAll('/', '%2F') : part));
      return { operation: `${method.toUpperCase()} ${template.path}`, path: parts.join('') };
    }
  }
  return { operation: `${method.toUpperCase()} ${path}`, path };
};

const server = http.createServer(async (request, reply) => {
  try {
    const [, port, rest] = /^\/(\d+)(\/.*)$/.exec(request.url) ?? [];
    if (!port) {
      reply.writeHead(404).end('the first segment is the port of a simulated GitHub\n');
      return;
    }
    const body = await read(request);
    const { answer, bytes } = await send(Number(port), request, rest, body);
    const headers = { ...answer.headers };
    for (const name of ['link', 'location']) {
      if (headers[name]) {
        const own = `http://127.0.0.1:${server.address().port}/${port}/`;
        headers[name] = headers[name].replaceAll(/http:\/\/127\.0\.0\.1:\d+\//g, own);
      }
    }
    const url = new URL(rest, 'http://127.0.0.1');
    if (url.pathname !== '/graphql') await check(request.method, url, request.headers, body, answer, bytes);
    reply.writeHead(answer.statusCode, headers).end(bytes);
  } catch (error) {
    // The simulated GitHub hung up, or was told to: so do we.
    if (process.env.CONTRACT_DEBUG) console.error(error);
    reply.destroy();
  }
});

process.on('SIGTERM', () => {
  const sorted = (map) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  const report = {
    exchanges: [...seen.values()].reduce((sum, n) => sum + n, 0),
    seen: Object.fromEntries(sorted(seen)),
    violations: sorted(violations).map(([, violation]) => violation),
  };
  writeFileSync(reportFile, JSON.stringify(report, null, 1));
  process.exit(0);
});

server.listen(0, '127.0.0.1', () => writeFileSync(portFile, String(server.address().port)));
