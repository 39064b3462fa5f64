-- Fails with error 547 where a customer has a negative limit; that database is rolled back as a whole.
IF OBJECT_ID('dbo.CK_Customer_CreditLimit', 'C') IS NULL
    ALTER TABLE dbo.Customer ADD CONSTRAINT CK_Customer_CreditLimit CHECK (CreditLimit >= 0);
