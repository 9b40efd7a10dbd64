using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Fn.ServiceDefaults.Configuration;

/// <summary>Fills an options class from its section, and tells everything that is wrong there when the process starts.</summary>
internal sealed class SectionBinder<T>(IConfiguration configuration, FnSection<T> section, IEnumerable<KnownSection> sections)
    : IConfigureOptions<T>, IValidateOptions<T> where T : class, new()
{
    /// <summary>What is wrong is told by <see cref="Validate"/>, which the host calls before anything can use these options.</summary>
    public void Configure(T options) => section.Bind(configuration, options);

    public ValidateOptionsResult Validate(string? name, T options)
    {
        List<string> errors = [.. section.Bind(configuration, new T()), .. section.UnknownKeys(configuration, sections)];
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
