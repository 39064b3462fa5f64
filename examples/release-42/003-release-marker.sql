IF OBJECT_ID('dbo.Release', 'U') IS NULL
    CREATE TABLE dbo.Release (Version varchar(20) NOT NULL, AppliedAt datetime2 NOT NULL);
GO
-- One row per execution: this is how the demo proves that each database was changed exactly once.
INSERT INTO dbo.Release (Version, AppliedAt) VALUES ('42', SYSUTCDATETIME());
