// Key files go between Remit and ethers, both ways.
//   REMIT_NODE_MODULES=... node keystore_ethers.mjs <keystore_tool>
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.env.REMIT_NODE_MODULES, 'x'));
const { HDNodeWallet, Wallet, encryptKeystoreJsonSync } = require('ethers');
const tool = process.argv[2];

function run(args, input = '') {
  const { status, stdout, stderr } = spawnSync(tool, args, { input, encoding: 'utf8' });
  return { status, stdout: stdout.trim(), stderr: stderr.trim() };
}
function read(json, password) {
  const { status, stdout, stderr } = run(['read', password], json);
  assert.equal(status, 0, stderr);
  const [privateKey, address] = stdout.split(' ');
  return { privateKey, address };
}

const keys = [
  '0x0000000000000000000000000000000000000000000000000000000000000001',
  '0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d',
  '0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140',
];
const passwords = ['correct horse battery staple', 'x', 'пароль 密码 🔑', 'quote " and \\ backslash'];
const light = { scrypt: { N: 4096, r: 8, p: 1 } };
let written = 0, opened = 0, refused = 0;

// Ours, opened by ethers. One at the cost that Remit uses by default.
for (const [i, key] of keys.entries()) {
  for (const [j, password] of passwords.entries()) {
    const n = i === 1 && j === 0 ? 262144 : 4096;
    const { status, stdout: json, stderr } = run(['write', key, password, String(n)]);
    assert.equal(status, 0, stderr);
    assert.equal(Wallet.fromEncryptedJsonSync(json, password).privateKey, key);
    assert.throws(() => Wallet.fromEncryptedJsonSync(json.replace('"n":262144', '"n":4096'), password + 'x'));
    ++written;
  }
}

// Theirs, opened by us. One at the cost that ethers uses by default, one with a mnemonic beside the key.
for (const [i, key] of keys.entries()) {
  const account = { address: new Wallet(key).address, privateKey: key };
  for (const [j, password] of passwords.entries()) {
    const json = encryptKeystoreJsonSync(account, password, i === 1 && j === 0 ? {} : light);
    assert.deepEqual(read(json, password), { privateKey: key, address: account.address.toLowerCase() });
    ++opened;
    const wrong = run(['read', password + 'x'], json.replace('"n":131072', '"n":4096'));
    assert.equal(wrong.status, 1);
    assert.match(wrong.stderr, /^E_WRONG_KEY /);
    ++refused;
  }
}
const wallet = HDNodeWallet.fromPhrase('test test test test test test test test test test test junk');
const json = encryptKeystoreJsonSync({ address: wallet.address, privateKey: wallet.privateKey,
  mnemonic: { entropy: wallet.mnemonic.entropy, path: wallet.path, locale: 'en' } }, 'pw', light);
assert.equal(read(json, 'pw').privateKey, wallet.privateKey);
++opened;

assert.deepEqual([written, opened, refused], [12, 13, 12]);
console.log(`${written} files of ours opened by ethers, ${opened} of theirs by us, ${refused} wrong passwords refused`);
