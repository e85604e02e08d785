import { serveCrew } from '../crew-thread.ts';
import { runNamed } from './run.ts';

serveCrew(runNamed);
