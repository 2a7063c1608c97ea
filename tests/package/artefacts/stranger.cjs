// The same package by require.
const { version } = require('@remit/node');
const { World } = require('@remit/node/testing');

console.log('VERSION', version(), typeof World.open);
