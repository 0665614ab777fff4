import mjml2html from 'mjml'

// MJML needs 100 MB and half a second to load: it lives in this process only while templates are published.
// (A thread would do, but its memory stays with us after it ends: measured, 110 MB resident for good.)

/** MJML of one template, with Liquid already replaced by markers. */
export interface MjmlRequest {
  readonly id: number
  readonly mjml: string
}

/** `line` and `tag`: where in the document, where that is known. */
export interface MjmlProblem {
  readonly line: number | null
  readonly tag: string | null
  readonly message: string
}

export interface MjmlAnswer {
  readonly id: number
  readonly html: string
  readonly problems: readonly MjmlProblem[]
}

process.on('message', async (request: MjmlRequest) => {
  process.send?.(await compile(request))
})
// Whoever asked is gone: so is the reason to be here.
process.on('disconnect', () => process.exit(0))

async function compile({ id, mjml }: MjmlRequest): Promise<MjmlAnswer> {
  try {
    const { html, errors } = await mjml2html(mjml, {
      // No web fonts (a mail should not call home), no files, no configuration from the working directory.
      fonts: {},
      ignoreIncludes: true,
      useMjmlConfigOptions: false,
      keepComments: false,
      validationLevel: 'soft',
    })
    return {
      id,
      html,
      problems: errors.map(({ line, tagName: tag, message }) => ({ line, tag, message })),
    }
  } catch (error) {
    const message = String(error instanceof Error ? error.message : error).slice(0, 500)
    return { id, html: '', problems: [{ line: null, tag: null, message }] }
  }
}
