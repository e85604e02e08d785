export { Conversation, type Heard, type Positions } from './conversation.ts';
export { type Coverage, type RulesByOperation, type Summary, sumOf, Tally } from './tally.ts';
