/** Characters; more is a sentence. */
const LONGEST = 40
/** Addresses (`a@b`, `http://…`, `shop.example`), numbers to call, prices, markup, line breaks: nobody is called so. */
const NO_NAME =
  /[@/\\<>{}[\]|=#$€£¥%!?。]|[\p{L}\p{N}-]{2,}\.\p{L}{2,}|\d[\d\s-]{3,}\d|[\p{C}\p{Zl}\p{Zp}](?<![\u200c\u200d])/u

/**
 * The name to greet a buyer by; `null` where it is not one that anybody has. Whoever fills in a shop's form chooses the
 * name and the address, so without this anybody could have their own words sent to anybody, by the shop's own mail server.
 */
export function greetedBy(name: string | null): string | null {
  const seen = name?.normalize('NFKC').trim() ?? ''
  return seen === '' || [...seen].length > LONGEST || NO_NAME.test(seen) ? null : name
}
