import { PG_TEXTS } from '../../src/cli/texts/postgres.ts'
import { PG_ERRORS } from '../../src/db/postgres/errors.ts'
import { CATALOGUE, Fault, type FaultCode } from '../../src/domain/errors.ts'
import { SEAL_FAULTS } from '../../src/domain/seal/fault.ts'
import { statusOf } from '../../src/http/errors.ts'
import { code, type Page } from './page.ts'

/** Every code, each under a heading of its own, so that `errors.md#OVERLOADED` leads to it. */
export const errors: Page = {
  file: 'errors.md',
  title: 'Errors',
  from: 'src/domain/errors.ts, src/domain/seal/fault.ts and src/db/postgres/errors.ts',
  body() {
    const codes = (Object.keys(CATALOGUE) as FaultCode[]).sort()
    const api = codes.filter((each) => !(each in SEAL_FAULTS))
    const seal = codes.filter((each) => each in SEAL_FAULTS)
    return [
      'Codes are stable; sentences may be improved. `{name}` stands for what came.',
      '## From the HTTP API',
      'An error answer is `{"error": {"code", "message", "fields"?, "docs"}}`. `Accept-Language` or `?lang=zh|en` chooses the language of `message`. A running Dingdong shows this list in both languages at `/errors`. With 429 and 503 comes `Retry-After`.',
      ...api.map(apiError),
      '## About keys and sealed values',
      'The command line and the log say these; the API answers 500.',
      ...seal.map(apiError),
      '## From the database and its embedded server',
      'The command line and the log say these.',
      ...Object.entries(PG_ERRORS).map(([name, text]) =>
        section(name, null, text, PG_TEXTS[name as keyof typeof PG_ERRORS]),
      ),
    ].join('\n\n')
  },
}

function apiError(name: FaultCode): string {
  const { kind, en, zh } = CATALOGUE[name]
  return section(name, `${statusOf(new Fault(name))} · ${code(kind)}`, en, zh)
}

function section(name: string, note: string | null, en: string, zh: string): string {
  return [`### ${name}`, ...(note === null ? [] : [note]), en, zh].join('\n\n')
}
