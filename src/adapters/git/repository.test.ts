import { describeDetachedWorktreeContract } from '../../ports/detached-worktree.contract.ts'
import { describeGitContract } from '../../ports/git.contract.ts'
import { describeWorktreePoolContract } from '../../ports/worktree-pool.contract.ts'
import { systemGit } from './repository.ts'

describeGitContract('the system git', systemGit)
describeDetachedWorktreeContract('the system git', systemGit)
describeWorktreePoolContract('the system git', systemGit)
