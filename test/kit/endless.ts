/** As long as the longest template source there may be. */
const LONG = 200_000

/** Beginnings of what a reader of templates looks for, over and over, never ended. */
export const ENDLESS: readonly (readonly [first: string, again: string])[] = [
  ['We keep ', 'the '],
  ['We keep ', 'a b '],
  ['We keep the ', 'kept the '],
  ['We keep a ', "b'keep a "],
  ['We put ', 'the a '],
  ['为您', '保留的手'],
  ['只剩', '1'],
  ['', '最后 1 '],
  ['only ', '1'],
  ['you entered ', 'the '],
  ['', '您输入的'],
  ['', '中 '],
  ['', '{{'],
  ['', '{% '],
  ['{%', ' '],
  ['{% if a', ' -'],
  ['', '{% if a %}x'],
  ['{% if links.registered %}', '{{'],
  ['{% if links.registered %}', '{% '],
  ['', '<'],
  ['', '<!--'],
  ['', '<mjml '],
  ['', '<mj-button '],
  ['<mj-button ', 'href '],
  ['<mj-button ', 'href="'],
  ['', '<a href'],
  ['', 'href = '],
  ['', 'http://a{{'],
  ['', '{{ links.pay '],
  ['{{ links.', 'p'],
  ['', '{ '],
  ['{', 'order.'],
  ['', ' '],
  ['a', '\n '],
  ['', '"\''],
  ['', "{{ a | date: '"],
  ['a', '. '],
  ['a', '，、'],
  ['', '🎉'],
]

export const endless = ([first, again]: readonly [string, string]): string =>
  `${first}${again.repeat(Math.ceil(LONG / again.length)).slice(0, LONG)}b`
