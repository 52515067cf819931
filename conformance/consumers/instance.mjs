// A program of an instance in JavaScript: lists the KMS keys with whatever credentials the SDK finds by itself.
//
//     instance.mjs FOLDER
//
// FOLDER has the packages. The environment says which server, and where the instance metadata service is.
import { createRequire } from 'node:module';

const { KMSClient, ListKeysCommand } = createRequire(`${process.argv[2]}/`)('@aws-sdk/client-kms');
const { Keys } = await new KMSClient({}).send(new ListKeysCommand({}));
console.log(JSON.stringify(Keys));
