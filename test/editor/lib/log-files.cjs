// Stands in for VS Code's native log module, `@vscode/spdlog`, which would have to be compiled: each log is a plain
// file. Without it every Output channel is empty. The names are those that VS Code calls.
const fs = require('node:fs');
const path = require('node:path');

const LEVELS = ['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off'];
let level = LEVELS.indexOf('info');

class FileLogger {
  constructor(file) {
    this.file = file;
    this.level = level;
    this.bare = false;
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.appendFileSync(file, '');
  }

  write(severity, text) {
    if (severity < this.level) return;
    const time = new Date().toISOString().replace('T', ' ').slice(0, 23);
    try {
      fs.appendFileSync(this.file, this.bare ? text : `${time} [${LEVELS[severity]}] ${text}\n`);
    } catch {
      // The folder is removed at the end of a test, while the server may still be logging.
    }
  }

  getLevel() {
    return this.level;
  }

  setLevel(value) {
    this.level = value;
  }

  /** VS Code writes Output channels without time and level. */
  clearFormatters() {
    this.bare = true;
  }

  setPattern() {}
  flush() {}
  drop() {}
}

for (const [severity, name] of ['trace', 'debug', 'info', 'warn', 'error', 'critical'].entries())
  FileLogger.prototype[name] = function (text) {
    this.write(severity, text);
  };

const create = async (_name, file) => new FileLogger(file);

module.exports = {
  version: 0,
  Logger: class extends FileLogger {
    constructor(_kind, _name, file) {
      super(file);
    }
  },
  setLevel(value) {
    level = value;
  },
  setFlushOn() {},
  createRotatingLogger: create,
  createAsyncRotatingLogger: create,
};
