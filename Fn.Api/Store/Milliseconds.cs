using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Fn.Api.Store;

/// <summary>Instants as milliseconds since 1970: every database sorts and compares them alike.</summary>
internal sealed class Milliseconds() : ValueConverter<DateTimeOffset, long>(time => time.ToUnixTimeMilliseconds(), number => DateTimeOffset.FromUnixTimeMilliseconds(number));
