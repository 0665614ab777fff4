import * as z from 'zod'
import type { FieldProblem } from '../domain/errors.ts'
import { readShape } from '../domain/flow/schema-problems.ts'
import { readYaml } from '../domain/flow/yaml.ts'
import { PURPOSES } from '../domain/message.ts'
import { TEMPLATE_CHANNELS, type TemplateSource } from '../domain/template/template.ts'
import type { MailLayout } from './mail.ts'

const variant = z.strictObject({
  subject: z.string().optional(),
  title: z.string().optional(),
  text: z.string().optional(),
  mjml: z.string().optional(),
  link: z.string().optional(),
  type: z.string().optional(),
  body: z.record(z.string(), z.json()).optional(),
})

/** One file a template: what it is for, and its words by locale and channel. */
const templateFile = z.strictObject({
  purpose: z.enum(PURPOSES),
  asksToPay: z.boolean().default(false),
  /** Who reads it: a buyer or the shop's own people. */
  audience: z.enum(['buyer', 'shop']).default('buyer'),
  /** For the console's list, by locale. */
  title: z.record(z.string(), z.string()),
  variants: z.record(z.string(), z.partialRecord(z.enum(TEMPLATE_CHANNELS), variant)),
})

const footer = z.strictObject({ text: z.string(), mjml: z.string() })
const layoutFile = z.strictObject({
  mjml: z.string(),
  footers: z.record(z.string(), z.strictObject({ essential: footer, other: footer })),
})

export interface LoadedTemplate {
  /** File name without `.yaml`: `order_paid`. */
  readonly name: string
  readonly audience: 'buyer' | 'shop'
  readonly title: Readonly<Record<string, string>>
  readonly sources: readonly TemplateSource[]
}

export interface TemplateSet {
  readonly layout: MailLayout | null
  readonly templates: readonly LoadedTemplate[]
  /** Path is `file: field`. */
  readonly problems: readonly FieldProblem[]
}

/**
 * Reads template files (`name → text`; `layout.yaml` is the mail layout), with the line of each problem. Pure;
 * publishing is a further step.
 */
export function loadTemplates(
  files: Readonly<Record<string, string>>,
  language: 'en' | 'zh' = 'en',
): TemplateSet {
  const problems: FieldProblem[] = []
  const read = <T>(schema: z.ZodType<T>, file: string): T | null => {
    const result = readYaml(files[file]!, language, (input) => shapeOf(schema, input, language), '')
    if (result.ok) return result.value
    for (const { path, problem } of result.problems)
      problems.push({ path: path === '' ? file : `${file}: ${path}`, problem })
    return null
  }
  const layout = files['layout.yaml'] === undefined ? null : read(layoutFile, 'layout.yaml')
  const templates: LoadedTemplate[] = []
  for (const file of Object.keys(files).sort()) {
    if (file === 'layout.yaml' || !file.endsWith('.yaml')) continue
    const found = read(templateFile, file)
    if (found) templates.push(loaded(file.slice(0, -'.yaml'.length), found))
  }
  return { layout, templates, problems }
}

function loaded(name: string, file: z.infer<typeof templateFile>): LoadedTemplate {
  const { purpose, asksToPay, audience, title } = file
  const sources = Object.entries(file.variants).flatMap(([locale, channels]) =>
    Object.entries(channels).map(
      ([channel, words]) =>
        ({ channel, purpose, locale, asksToPay, audience, ...withoutUndefined(words) }) as TemplateSource,
    ),
  )
  return { name, audience, title, sources }
}

function withoutUndefined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined))
}

function shapeOf<T>(schema: z.ZodType<T>, input: unknown, language: 'en' | 'zh') {
  const shape = readShape(schema, input, language)
  return 'value' in shape
    ? { ok: true as const, value: shape.value }
    : { ok: false as const, problems: shape.problems }
}
