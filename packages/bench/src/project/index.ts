/** What a projection looks like: a page, and a picture that stands alone. */
export { projectPage } from './project-page.ts';
export type { ProjectTold } from './project-page.ts';
export { projectPicture } from './project-picture.ts';
