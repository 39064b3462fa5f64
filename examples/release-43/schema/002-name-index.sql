CREATE INDEX IX_Customer_Name ON dbo.Customer (Name);
