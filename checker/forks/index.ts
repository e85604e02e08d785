export { type Answered, Cover, type Covered } from './cover.ts';
export { type Fork, type Path, pathsOf } from './paths.ts';
