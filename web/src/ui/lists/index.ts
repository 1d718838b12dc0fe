// Overviews of all rooms at once.

export { CatchUp } from './CatchUp';
export { Mentions } from './Mentions';
export { Threads } from './Threads';
export { Drafts } from './Drafts';
export { SavedPage } from './Saved';
