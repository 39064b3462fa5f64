BEGIN TRANSACTION;
IF OBJECT_ID('dbo.Release', 'U') IS NULL
    CREATE TABLE dbo.Release (Version varchar(20) NOT NULL, AppliedAt datetime2 NOT NULL);
GO
INSERT INTO dbo.Release (Version, AppliedAt) VALUES ('43', SYSUTCDATETIME());
COMMIT;
