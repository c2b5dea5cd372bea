// Loaded by the extension host. Runs the tests beside this file with mocha, and writes what came of each.
const fs = require('node:fs');
const path = require('node:path');
const loaded = require('mocha');

// mocha 12 is an ES module: whether `require` gives the class or its namespace depends on Node's version.
const Mocha = loaded.default ?? loaded;

exports.run = () =>
  new Promise((resolve) => {
    const mocha = new Mocha({ ui: 'bdd', timeout: 60_000, reporter: 'spec', color: false });
    for (const file of fs.readdirSync(__dirname).filter((name) => name.endsWith('.test.cjs')))
      mocha.addFile(path.join(__dirname, file));
    const results = [];
    const runner = mocha.run(() => {
      fs.writeFileSync(process.env.LAYERLINT_HOST_RESULTS, JSON.stringify(results));
      resolve();
    });
    runner.on('pass', (test) => results.push({ title: test.fullTitle(), error: null }));
    runner.on('pending', (test) => results.push({ title: test.fullTitle(), error: 'skipped' }));
    runner.on('fail', (test, error) => results.push({ title: test.fullTitle(), error: error.stack ?? String(error) }));
  });
