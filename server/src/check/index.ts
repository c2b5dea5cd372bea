export * from './result';
export { checkNumerically, runPlan, type CheckNumerically } from './check';
export { planCheck, type Plan, type Planned } from './plan';
export { markdownReport, textReport, type ReportedCheck } from './report';
