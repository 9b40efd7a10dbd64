using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Fn.Api.Json;

namespace Fn.Api.Http;

/// <summary>Which part of a list is asked for: the names after one, at most so many.</summary>
/// <param name="After">The last name of the page before; null on the first page.</param>
/// <param name="Size">Most items on the page.</param>
/// <param name="AfterId">In lists where a name may come twice, the id of the last item of the page before, when the next page may begin with the same name.</param>
internal readonly record struct ListPage(string? After, int Size, string? AfterId = null)
{
    public const int DefaultSize = 30;
    public const int MaxSize = 100;

    /// <summary>The first item only: a look-up by name.</summary>
    public static readonly ListPage One = new(null, 1);

    private static readonly SearchValues<char> CursorCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>Reads <c>cursor</c> and <c>per_page</c>; false when the cursor is none that a list gave out.</summary>
    public static bool TryRead(HttpContext context, out ListPage page)
    {
        var after = default(string);
        if (context.QueryText("cursor") is { } cursor && !TryDecode(cursor, out after))
        {
            page = default;
            return false;
        }
        // No name has a zero in it.
        var parts = after?.Split('\0', 2);
        page = new ListPage(parts?[0], ReadSize(context.QueryText("per_page")), parts is [_, var id] ? id : null);
        return true;
    }

    /// <summary>Writes <c>{"next_cursor":...,"items":[...]}</c>; the cursor is given whenever the page is full.</summary>
    public JsonTextWriter Write<T>(IReadOnlyList<T> items, Func<T, string> position, Action<JsonTextWriter, T> write)
    {
        var json = new JsonTextWriter();
        json.StartObject();
        if (items.Count == Size)
            json.Field("next_cursor", Base64Url.EncodeToString(Encoding.UTF8.GetBytes(position(items[^1]))));
        json.Name("items");
        json.StartArray();
        foreach (var item in items)
            write(json, item);
        json.EndArray();
        json.EndObject();
        return json;
    }

    /// <summary>Where the next page begins after an item whose name the next one has too.</summary>
    public static string Position(string name, string id) => $"{name}\0{id}";

    private static int ReadSize(string? text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var size) && size > 0 ? (int)Math.Min(size, MaxSize) : DefaultSize;

    private static bool TryDecode(string cursor, out string? name)
    {
        name = null;
        // The decoder would let padding and white space pass.
        if (cursor.AsSpan().ContainsAnyExcept(CursorCharacters) || !Base64Url.IsValid(cursor))
            return false;
        name = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor));
        return true;
    }
}
