namespace Fn.Bench;

/// <summary>Prints figures as a table of Markdown, so that it can be read in a terminal and put into a document.</summary>
internal static class Table
{
    public static void Print(IReadOnlyList<string> head, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var widths = head.Select((title, column) => rows.Select(row => row[column].Length).Append(title.Length).Max()).ToList();
        Console.WriteLine();
        Line(head);
        Console.WriteLine("|" + string.Join('|', widths.Select((width, column) => column == 0 ? new string('-', width + 2) : new string('-', width + 1) + ":")) + "|");
        foreach (var row in rows)
            Line(row);
        Console.WriteLine();

        void Line(IReadOnlyList<string> cells) => Console.WriteLine(
            "| " + string.Join(" | ", cells.Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))) + " |");
    }
}
