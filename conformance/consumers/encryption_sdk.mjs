// The AWS Encryption SDK for JavaScript, as a program: encrypts or decrypts standard input under a keyring of KMS keys.
//
//     encryption_sdk.mjs FOLDER encrypt|decrypt KEYRING CONTEXT KEY...
//
// FOLDER has the packages. The environment says which server, and who asks.
import { createRequire } from 'node:module';

const [folder, action, kind, context, ...keys] = process.argv.slice(2);
const sdk = createRequire(`${folder}/`)('@aws-crypto/client-node');

const accountIDs = [keys[0].split(':')[4]];
const region = keys[0].split(':')[3];
const keyrings = {
  plain: () => new sdk.KmsKeyringNode({ generatorKeyId: keys[0] }),
  several: () => new sdk.KmsKeyringNode({ generatorKeyId: keys[0], keyIds: keys.slice(1) }),
  discovery: () => new sdk.KmsKeyringNode({ discovery: true, discoveryFilter: { accountIDs, partition: 'aws' } }),
  multi_region: () => sdk.buildAwsKmsMrkAwareStrictMultiKeyringNode({ generatorKeyId: keys[0] }),
  multi_region_discovery: () => sdk.buildAwsKmsMrkAwareDiscoveryMultiKeyringNode({
    regions: [region], discoveryFilter: { accountIDs, partition: 'aws' },
  }),
};

const input = [];
for await (const chunk of process.stdin) input.push(chunk);
const { encrypt, decrypt } = sdk.buildClient();
const encryptionContext = JSON.parse(context);
const keyring = keyrings[kind]();
if (action === 'encrypt') {
  const { result } = await encrypt(keyring, Buffer.concat(input), { encryptionContext });
  process.stdout.write(result);
} else {
  const { plaintext, messageHeader } = await decrypt(keyring, Buffer.concat(input));
  // This SDK leaves it to its caller to compare the context.
  for (const [name, value] of Object.entries(encryptionContext)) {
    if (messageHeader.encryptionContext[name] !== value) throw new Error(`encryption context ${name}`);
  }
  process.stdout.write(plaintext);
}
