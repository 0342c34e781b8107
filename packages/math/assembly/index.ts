export { dotCodes } from './dot-codes';
export { scoreTrees } from './score-trees';
export { multiplySparse } from './sparse-times-dense';
export { compactColumns, hingeEpoch, shuffle } from './squared-hinge';
export { fillLanes, sumWeightRows } from './sum-weight-rows';
