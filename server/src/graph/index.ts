export * from './place';
export * from './site';
export * from './config';
export * from './model';
export * from './builder';
export * from './shape';
export * from './catalog';
export * from './dependence';
