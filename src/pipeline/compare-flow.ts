import { countArms } from '../db/comparison.ts'
import type { Queryable } from '../db/connect.ts'
import { listFlows, readDefinitions } from '../db/flows.ts'
import { listVersions } from '../db/versions.ts'
import { type ComparedArm, compareArms, LEAST_COUNTED } from '../domain/flow/comparison.ts'
import type { SplitArm } from '../domain/flow/draw.ts'
import type { Flow } from '../domain/flow/flow.ts'
import { HOLDOUT, nudgesBuyer } from '../domain/flow/holdout.ts'
import type { ShopId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'

export interface Comparison {
  /** `holdout`: those kept without reminders against those who get them. */
  readonly experiment: string
  /** Whether the version in force still draws its arms. */
  readonly inForce: boolean
  /** See `ArmRow`. */
  readonly countedBefore: Instant | null
  readonly least: number
  readonly arms: readonly ComparedArm[]
}

export interface Question {
  readonly flow: string
  /** `null`: every experiment of the version in force, and the holdout where there is one. */
  readonly experiment: string | null
  readonly since: Instant | null
}

export type ComparedFlow =
  | {
      readonly found: true
      readonly version: number
      /** About an `event` nobody pays: there is no share to tell. */
      readonly subject: Flow['subject']
      /** It could have a holdout, whether or not it has one. */
      readonly canHoldOut: boolean
      readonly comparisons: readonly Comparison[]
    }
  | { readonly found: false; readonly what: 'flow' | 'experiment'; readonly known: readonly string[] }

/** Compares the arms of a flow's experiments, each person once; see `ArmCounts`. */
export async function compareFlow(db: Queryable, shop: ShopId, question: Question): Promise<ComparedFlow> {
  const flows = await listFlows(db, shop)
  const row = flows.find(({ key }) => key === question.flow)
  if (!row) return { found: false, what: 'flow', known: flows.map(({ key }) => key) }
  const [flow] = await readFlows(db, [row.definition_hash])
  const found = {
    found: true,
    version: row.version,
    subject: flow!.subject,
    canHoldOut: nudgesBuyer(flow!),
  } as const
  const present = experimentsOf(flow!)
  const asked = question.experiment
  if (asked !== null && asked !== HOLDOUT) {
    const arms = present.get(asked) ?? (await earlierArms(db, shop, question.flow, asked))
    if (arms === null) return { found: false, what: 'experiment', known: [...present.keys(), HOLDOUT] }
    const one = await compareOne(db, shop, question, { experiment: asked, arms, inForce: present.has(asked) })
    return { ...found, comparisons: [one] }
  }
  const comparisons: Comparison[] = []
  if (asked === null)
    for (const [experiment, arms] of present)
      comparisons.push(await compareOne(db, shop, question, { experiment, arms, inForce: true }))
  const holds = flow!.holdout > 0
  if (asked === HOLDOUT || holds || present.size === 0)
    comparisons.push(
      await compareOne(db, shop, question, {
        experiment: HOLDOUT,
        arms: [HOLDOUT, 'treated'],
        inForce: holds,
      }),
    )
  return { ...found, comparisons }
}

async function compareOne(
  db: Queryable,
  shop: ShopId,
  { flow, since }: Question,
  about: { readonly experiment: string; readonly arms: readonly string[]; readonly inForce: boolean },
): Promise<Comparison> {
  const { experiment, arms, inForce } = about
  const counts = await countArms(db, shop, flow, experiment === HOLDOUT ? null : experiment, since ?? 0)
  const countedBefore = counts[0]?.counted_before ?? null
  return {
    experiment,
    inForce,
    countedBefore,
    least: LEAST_COUNTED,
    arms: compareArms(arms, counts.map(bare)),
  }
}

const bare = ({ counted_before: _, ...counts }: Awaited<ReturnType<typeof countArms>>[number]) => counts

const experimentsOf = ({ steps }: Flow): ReadonlyMap<string, readonly string[]> =>
  new Map(steps.flatMap((step) => (step.kind === 'split' ? [[step.experiment, step.arms.map(nameOf)]] : [])))

const nameOf = ({ name }: SplitArm) => name

/** The arms as the newest version that had the experiment names them. */
async function earlierArms(
  db: Queryable,
  shop: ShopId,
  key: string,
  experiment: string,
): Promise<readonly string[] | null> {
  const rows = await listVersions(db, shop, 'flow', key, null, 1_000)
  for (const { definition_hash } of rows) {
    const [flow] = await readFlows(db, [definition_hash])
    const arms = flow && experimentsOf(flow).get(experiment)
    if (arms) return arms
  }
  return null
}

const readFlows = async (db: Queryable, hashes: readonly Buffer[]): Promise<readonly Flow[]> =>
  (await readDefinitions(db, hashes)).map(({ body }) => body as Flow)
