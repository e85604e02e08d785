export { Conversation, type Heard, type Positions } from './conversation.ts';
export { type Coverage, type Summary, Tally } from './tally.ts';
