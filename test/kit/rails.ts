import { loadRails } from '../../src/app/rails.ts'

/** The program's own tables of failure codes and ceilings. */
export const testRails = await loadRails()
