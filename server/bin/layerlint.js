#!/usr/bin/env node
'use strict';
// A bundle cannot cache its own compilation, so this small launcher turns the cache on and then loads it.
const { existsSync } = require('node:fs');
const { enableCompileCache } = require('node:module');
const path = require('node:path');

const bundle = path.join(__dirname, '..', 'dist', 'cli.js');
if (existsSync(bundle)) {
  enableCompileCache?.();
  require(bundle);
} else {
  console.error('layerlint: this checkout is not built yet. Run "npm ci" and "npm run build" in it, or "npm start".');
  process.exitCode = 2;
}
