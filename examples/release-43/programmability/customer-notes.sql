IF OBJECT_ID('dbo.CustomerNotes', 'P') IS NOT NULL
    DROP PROCEDURE dbo.CustomerNotes;
GO
CREATE PROCEDURE dbo.CustomerNotes AS
    SELECT CustomerId, Name, Note FROM dbo.Customer WHERE Note IS NOT NULL;
