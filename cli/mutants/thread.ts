import { serveCrew } from '../crew-thread.ts';
import { tryNamed } from './trial-report.ts';

serveCrew(tryNamed);
