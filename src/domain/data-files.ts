/** The program's own files of data, by folder. */
export type DataFolder = 'flows' | 'law' | 'rails' | 'rules' | 'templates'

/** Such files cannot be used as they are; nothing is started with half of them. Each line names file, place and mistake. */
export class DataFilesWrong extends Error {
  override readonly name = 'DataFilesWrong'
  readonly folder: DataFolder

  constructor(folder: DataFolder, lines: readonly string[]) {
    super(lines.join('\n'))
    this.folder = folder
  }
}
