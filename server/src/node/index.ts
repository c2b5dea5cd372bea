export { diskFileSystem, readableError } from './filesystem';
export { isSourceKind, isSourceName, toPosix, walk } from './walk';
