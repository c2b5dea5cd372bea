export * from './place';
export * from './site';
export * from './config';
export * from './model';
export * from './builder';
export * from './shape';
export {
  biasParameters,
  catalog,
  hasBias,
  isStochastic,
  layerParameters,
  modelParameters,
  variableCount,
  type LayerParameters,
} from './catalog';
export type { VariableCount } from './kind';
export { GraphIndex } from './graph-index';
export { classNameOf, madeUpName } from './layer-names';
export { modelApplications } from './member';
export * from './dependence';
export * from './bias';
export { isBatchNormOp, opName, opSignature, type OpSignature } from './op-signatures';
