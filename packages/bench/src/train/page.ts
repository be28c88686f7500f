/** What the page of a training run is made with: no experiment comes along. */
export { describeSetting } from '../machine.ts';
export { trainPage } from './train-page.ts';
export type { PageSample, PageTimes, PageTraffic, TrainPage } from './page-parts.ts';
export { cutCostOf } from './cut-cost.ts';
