/** Liquid's tags that a template may use. */
export const TAG_NAMES = [
  'if',
  'unless',
  'case',
  'for',
  'break',
  'continue',
  'assign',
  'comment',
  'raw',
  '#',
] as const
