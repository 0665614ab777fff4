/** More than this reads as an advertisement. */
export const MAX_EMOJI = 3

/** How many emoji a reader sees: a family or a flag is one. © ® ™ and digits, which only may be emoji, are none. */
export function countEmoji(text: string): number {
  return [...text.matchAll(/\p{RGI_Emoji}/gv)].length
}
