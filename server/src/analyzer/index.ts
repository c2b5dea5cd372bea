export type { Layer, Silence } from '../graph';
export type { Diagnosis, Finding, Fix, RuleId } from '../rules';
export * from './types';
export type { Outline } from './outline-rows';
export { LineTable, type Position } from './lines';
export { Analyzer } from './analyzer';
