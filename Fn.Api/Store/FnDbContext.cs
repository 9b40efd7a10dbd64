using System.Collections.Immutable;
using System.Text;
using Fn.Api.Apps;
using Fn.Api.Functions;
using Fn.Api.Json;
using Fn.Api.Triggers;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Fn.Api.Store;

/// <summary>The store's tables, alike in every database. A database adds its collation, its migrations, and how it tells a broken constraint.</summary>
internal abstract class FnDbContext(DbContextOptions options) : DbContext(options)
{
    public DbSet<App> Apps => Set<App>();

    public DbSet<Function> Functions => Set<Function>();

    public DbSet<Trigger> Triggers => Set<Trigger>();

    /// <summary>The name of the collation that compares text by its bytes.</summary>
    protected abstract string ByteCollation { get; }

    /// <summary>Which constraint kept a write from being done; null when it was something else that failed.</summary>
    public abstract WriteOutcome? ReadViolation(DbUpdateException failure);

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<string>().UseCollation(ByteCollation);
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<Milliseconds>();
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<App>(app =>
        {
            app.ToTable("apps");
            app.HasIndex(a => a.Name).IsUnique();
            KeepMap(app.Property(a => a.Config), StringMap.WriteStrings, StringMap.ParseStrings);
            KeepMap(app.Property(a => a.Annotations), StringMap.WriteValues, StringMap.ParseValues);
            app.Property(a => a.RowVersion).IsConcurrencyToken();
        });
        modelBuilder.Entity<Function>(function =>
        {
            function.ToTable("fns");
            function.HasIndex(f => new { f.AppId, f.Name }).IsUnique();
            function.HasOne<App>().WithMany().HasForeignKey(f => f.AppId).OnDelete(DeleteBehavior.Cascade);
            KeepMap(function.Property(f => f.Config), StringMap.WriteStrings, StringMap.ParseStrings);
            KeepMap(function.Property(f => f.Annotations), StringMap.WriteValues, StringMap.ParseValues);
            function.Property(f => f.RowVersion).IsConcurrencyToken();
        });
        modelBuilder.Entity<Trigger>(trigger =>
        {
            trigger.ToTable("triggers");
            trigger.Property(t => t.FunctionId).HasColumnName("fn_id");
            trigger.HasIndex(t => new { t.AppId, t.FunctionId, t.Name }).IsUnique();
            trigger.HasIndex(t => new { t.AppId, t.Type, t.Source }).IsUnique();
            trigger.HasOne<App>().WithMany().HasForeignKey(t => t.AppId).OnDelete(DeleteBehavior.Cascade);
            trigger.HasOne<Function>().WithMany().HasForeignKey(t => t.FunctionId).OnDelete(DeleteBehavior.Cascade);
            KeepMap(trigger.Property(t => t.Annotations), StringMap.WriteValues, StringMap.ParseValues);
            trigger.Property(t => t.RowVersion).IsConcurrencyToken();
        });
        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties()))
            property.SetColumnName(property.FindAnnotation("Relational:ColumnName")?.Value as string ?? SnakeCase(property.Name));
    }

    private static void KeepMap(
        PropertyBuilder<ImmutableSortedDictionary<string, string>> property,
        Action<JsonTextWriter, ImmutableSortedDictionary<string, string>> write,
        MapParser parse) =>
        property.HasConversion(
            map => WriteMap(map, write),
            text => parse(Encoding.UTF8.GetBytes(text)),
            new ValueComparer<ImmutableSortedDictionary<string, string>>(
                (one, other) => ReferenceEquals(one, other) || (one != null && other != null && StringMap.AreEqual(one, other)),
                map => map.Count,
                map => map));

    private static string WriteMap(ImmutableSortedDictionary<string, string> map, Action<JsonTextWriter, ImmutableSortedDictionary<string, string>> write)
    {
        var json = new JsonTextWriter();
        write(json, map);
        return json.ToString();
    }

    private static string SnakeCase(string name) =>
        string.Concat(name.Select((c, i) => char.IsAsciiLetterUpper(c) ? (i == 0 ? "" : "_") + char.ToLowerInvariant(c) : c.ToString()));

    private delegate ImmutableSortedDictionary<string, string> MapParser(ReadOnlySpan<byte> json);
}
