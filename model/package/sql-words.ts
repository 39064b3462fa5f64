/** Where a T-SQL word starts and ends, for regular expressions with the flag `u`: names may hold any letter. */
export const wordStart = String.raw`(?<![\p{L}\p{N}_@#$])`;
export const wordEnd = String.raw`(?![\p{L}\p{N}_@#$])`;

/** Words that start a statement, or part one from another. */
const statementStart = [
  "ALTER|BACKUP|BEGIN|BREAK|BULK|CHECKPOINT|CLOSE|COMMIT|CONTINUE|CREATE|DBCC|DEALLOCATE|DECLARE|DELETE|DENY|DROP",
  "ELSE|END|EXEC|EXECUTE|FETCH|GO|GOTO|GRANT|IF|INSERT|KILL|MERGE|OPEN|PRINT|RAISERROR|RECONFIGURE|RESTORE|RETURN",
  "REVERT|REVOKE|ROLLBACK|SAVE|SELECT|SET|SHUTDOWN|TRUNCATE|UPDATE|USE|WAITFOR|WHILE|WITH",
].join("|");

/** A name after COMMIT TRAN belongs to it on whichever line it stands, unless it is the start of a statement. */
export const name = String.raw`(?!(?:${statementStart})${wordEnd})(?:[\p{L}_@#][\p{L}\p{N}_@#$]*|\[[^\]]*\]|"[^"]*")`;
