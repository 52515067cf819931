// An OpenID Connect issuer: the package oidc-provider as it is, on a free port, over TLS.
//
//     node issuer.mjs FOLDER URL CERTIFICATES KEY
//
// FOLDER has the packages, URL is the issuer, CERTIFICATES and KEY are files for TLS. Says `> listening PORT`. To a
// line on standard input it answers with one that begins with `> `, among those of the package: `rotate` puts new keys in
// place of the old ones, `asked` says how often its keys were asked for.
import { createServer } from 'node:https';
import { createRequire } from 'node:module';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [folder, url, certificates, key] = process.argv.slice(2);
const require = createRequire(`${folder}/package.json`);
const { default: Provider } = await import(pathToFileURL(require.resolve('oidc-provider')));

function keys() {
  const made = [['rsa', { modulusLength: 2048 }, 'RS256'], ['ec', { namedCurve: 'P-384' }, 'ES384']];
  return made.map(([kind, options, alg]) => {
    const { privateKey } = generateKeyPairSync(kind, options);
    return { ...privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: randomUUID() };
  });
}

// A client for each algorithm, that gets tokens in its own name for whichever audience it asks for.
function client(alg) {
  return {
    client_id: `pipeline-${alg}`, client_secret: 'secret', grant_types: ['client_credentials'], redirect_uris: [],
    response_types: [],
  };
}

function provider() {
  return new Provider(url, {
    jwks: { keys: keys() },
    clients: ['RS256', 'ES384'].map(client),
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, audience, { clientId }) => ({
          scope: '', audience, accessTokenTTL: 300, accessTokenFormat: 'jwt',
          jwt: { sign: { alg: clientId.replace('pipeline-', '') } },
        }),
      },
    },
  });
}

let current = provider();
let asked = 0;
const server = createServer({ cert: readFileSync(certificates), key: readFileSync(key) }, (request, response) => {
  asked += request.url === '/jwks';
  current.callback()(request, response);
});
server.listen(0, '127.0.0.1', () => console.log(`> listening ${server.address().port}`));

createInterface({ input: process.stdin }).on('line', (line) => {
  if (line === 'rotate') current = provider();
  console.log(`> ${line === 'asked' ? asked : line}`);
});
