// Compiles UsdtLike.sol with solc from npm. The same bytes on every machine: no metadata, and an EVM version that old
// chains run as well. As a program it writes the bytecode into the file named.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

export function compileToken(nodeModules) {
    const solc = createRequire(`${nodeModules}/`)('solc');
    const content = readFileSync(fileURLToPath(new URL('UsdtLike.sol', import.meta.url)), 'utf8');
    const output = JSON.parse(solc.compile(JSON.stringify({
        language: 'Solidity',
        sources: { 'UsdtLike.sol': { content } },
        settings: {
            evmVersion: 'paris',
            optimizer: { enabled: true, runs: 200 },
            metadata: { bytecodeHash: 'none', appendCBOR: false },
            outputSelection: { '*': { UsdtLike: ['abi', 'evm.bytecode.object'] } },
        },
    })));
    const problems = (output.errors ?? []).map((e) => e.formattedMessage);
    if (problems.length > 0) throw new Error(problems.join('\n'));
    const contract = output.contracts['UsdtLike.sol'].UsdtLike;
    return { abi: contract.abi, bytecode: `0x${contract.evm.bytecode.object}` };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    writeFileSync(process.argv[2], `${compileToken(process.env.REMIT_NODE_MODULES).bytecode}\n`);
}
