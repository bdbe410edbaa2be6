import { describeReading } from '../../../ports/git-reading.contract.ts'
import { systemGit } from '../repository.ts'

describeReading('the system git', systemGit)
