/** Of what an answer says those parts that are sentences, and may hold commands to be copied. */
const SENTENCES: ReadonlySet<string> = new Set(['why', 'wouldHelp', 'notes', 'problem'])

/** These take the shop as their argument, and every other one by `--shop`. */
const BY_NAME = /\bdingdong (shop|policy) set(?! [a-z0-9])/g
const BY_FLAG =
  /\bdingdong (?:order|tail|(?:account|code|connection|customer|flow|key|law|member|message|preset|review|rule|template) [a-z]+)\b(?! --everything)/g

/**
 * Reads a server's answer so that the commands in its sentences work when copied. The server names no shop in them: who
 * asks it by a key need not know of others. `of`: ` --shop my-shop`, or empty while there is one.
 */
export function parseFor(of: string, json: string): unknown {
  if (of === '') return JSON.parse(json)
  const slug = of.replace(' --shop ', '')
  const named = (value: unknown) =>
    typeof value === 'string'
      ? value.replace(BY_NAME, (command) => `${command} ${slug}`).replace(BY_FLAG, (command) => command + of)
      : value
  return JSON.parse(json, (name, value: unknown) => {
    if (!SENTENCES.has(name)) return value
    return Array.isArray(value) ? value.map(named) : named(value)
  })
}
