IF COL_LENGTH('dbo.Customer', 'Segment') IS NULL
    ALTER TABLE dbo.Customer ADD Segment nvarchar(20) NOT NULL CONSTRAINT DF_Customer_Segment DEFAULT N'standard';
GO
UPDATE dbo.Customer SET Segment = N'key' WHERE CreditLimit >= 10000;
PRINT 'Customers are in segments.';
