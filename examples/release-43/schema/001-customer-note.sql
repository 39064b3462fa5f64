ALTER TABLE dbo.Customer ADD Note nvarchar(200) NULL;
