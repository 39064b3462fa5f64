-- The shape every tenant database of the local stack starts with.
CREATE TABLE dbo.Customer (
    CustomerId int IDENTITY(1, 1) NOT NULL CONSTRAINT PK_Customer PRIMARY KEY,
    Name nvarchar(100) NOT NULL,
    CreditLimit int NOT NULL
);
INSERT INTO dbo.Customer (Name, CreditLimit) VALUES (N'Alder & Sons', 500), (N'Birch Ltd', 12000), (N'Cedar AG', 0);

-- Used by sbm's own sample package InsertForThreadedTest.sbm.
CREATE TABLE dbo.TransactionTest (
    Message nvarchar(100) NOT NULL,
    Guid uniqueidentifier NOT NULL,
    DateTimeStamp datetime NOT NULL
);
