/** One parameter of an op in tfjs-core. */
export interface OpParameter {
  readonly name: string;
  /** `tensors` is a list of tensors in one argument. */
  readonly takes: 'tensor' | 'tensors' | 'plain';
}

/** How an op takes its arguments: one after another, or (`tf.fused.*`) all in one object. */
export interface OpSignature {
  readonly parameters: readonly OpParameter[];
  readonly object: boolean;
}

const BATCH_NORM = 'x* mean* variance* offset* scale* varianceEpsilon';
const CONV = 'x* filter* strides pad dataFormat dilations dimRoundingMode';
const FUSED_CONV = `${CONV} bias* activation preluActivationWeights* leakyreluAlpha`;
const REDUCE = 'x* axis keepDims';
const POOL = 'x* filterSize strides pad dimRoundingMode dataFormat';

/** `*` marks a tensor, `**` a list of tensors. Names and order as in tfjs-core/src/ops. */
const TABLE: Readonly<Record<string, string>> = {
  ...alike('a* b*', 'add sub mul div divNoNan maximum minimum squaredDifference mod floorDiv atan2'),
  ...alike('a* b*', 'greater greaterEqual less lessEqual equal notEqual logicalAnd logicalOr'),
  ...alike(
    'x*',
    'abs acos acosh asin asinh atan atanh ceil cos cosh erf exp expm1 floor log log1p neg reciprocal relu relu6 round',
  ),
  ...alike('x*', 'rsqrt selu sigmoid sign sin sinh softplus sqrt square tan tanh elu logSigmoid clone identity'),
  ...alike('x*', 'zerosLike onesLike logicalNot isNaN'),
  ...alike(REDUCE, 'mean sum max min prod logSumExp any all moments euclideanNorm'),
  ...alike(BATCH_NORM, 'batchNorm batchNorm2d batchNorm3d batchNorm4d'),
  ...alike('x* axis', 'argMax argMin cumsum reverse expandDims squeeze unstack'),
  ...alike(POOL, 'maxPool avgPool maxPool3d avgPool3d'),
  ...alike('images* size alignCorners halfPixelCenters', 'image.resizeBilinear image.resizeNearestNeighbor'),
  addN: 'tensors**',
  assign: 'variable* value*',
  cast: 'x* dtype',
  clipByValue: 'x* clipValueMin clipValueMax',
  concat: 'tensors** axis',
  conv1d: 'x* filter* stride pad dataFormat dilation dimRoundingMode',
  conv2d: CONV,
  conv3d: 'x* filter* strides pad dataFormat dilations',
  conv2dTranspose: 'x* filter* outputShape strides pad dimRoundingMode',
  conv3dTranspose: 'x* filter* outputShape strides pad',
  depthwiseConv2d: CONV,
  dot: 't1* t2*',
  dropout: 'x* rate noiseShape seed',
  'fused.conv2d': FUSED_CONV,
  'fused.depthwiseConv2d': FUSED_CONV,
  'fused.matMul': 'a* b* transposeA transposeB bias* activation preluActivationWeights* leakyreluAlpha',
  gather: 'x* indices* axis batchDims',
  leakyRelu: 'x* alpha',
  localResponseNormalization: 'x* depthRadius bias alpha beta',
  logSoftmax: 'logits* axis',
  matMul: 'a* b* transposeA transposeB',
  mirrorPad: 'x* paddings mode',
  movingAverage: 'v* x* decay* step* zeroDebias',
  norm: 'x* ord axis keepDims',
  pad: 'x* paddings constantValue',
  pool: 'input* windowShape poolingType pad dilations strides dimRoundingMode',
  pow: 'base* exp*',
  prelu: 'x* alpha*',
  reshape: 'x* shape',
  separableConv2d: 'x* depthwiseFilter* pointwiseFilter* strides pad dilation dataFormat',
  slice: 'x* begin size',
  softmax: 'logits* dim',
  split: 'x* numOrSizeSplits axis',
  stack: 'tensors** axis',
  step: 'x* alpha',
  tile: 'x* reps',
  transpose: 'x* perm conjugate',
  where: 'condition* a* b*',
};

function alike(parameters: string, names: string): Record<string, string> {
  return Object.fromEntries(names.split(' ').map((name) => [name, parameters]));
}

function parse(name: string, parameters: string): OpSignature {
  return {
    object: name.startsWith('fused.'),
    parameters: parameters.split(' ').map((text) => ({
      name: text.replace(/\*/g, ''),
      takes: text.endsWith('**') ? 'tensors' : text.endsWith('*') ? 'tensor' : 'plain',
    })),
  };
}

const signatures: ReadonlyMap<string, OpSignature> = new Map(
  Object.entries(TABLE).map(([name, parameters]) => [name, parse(name, parameters)]),
);

/** Functions and methods that are others by another name. */
const RENAMED: Readonly<Record<string, string>> = {
  resizeBilinear: 'image.resizeBilinear',
  resizeNearestNeighbor: 'image.resizeNearestNeighbor',
  concat1d: 'concat',
  concat2d: 'concat',
  concat3d: 'concat',
  concat4d: 'concat',
};

/** The name by which the table has the function or method of this name. */
export function opName(called: string): string {
  return RENAMED[called] ?? called;
}

/** The signature of the op with this access path after `tf`; undefined for one that is not in the table. */
export function opSignature(name: string): OpSignature | undefined {
  return signatures.get(name);
}

/** Whether an op works alike on tensors of any kind, by its name after `tf`. */
export function isBatchNormOp(name: string): boolean {
  return /^batchNorm([234]d)?$/.test(name);
}
